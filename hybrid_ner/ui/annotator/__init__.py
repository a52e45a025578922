"""The span annotator: a Streamlit component whose edits are never lost.

The page sends a document and its spans (``payload``); the browser answers with edits that it keeps, and
sends again, until the page acknowledges them (``inbox``). Offsets are code points on the wire.
"""
