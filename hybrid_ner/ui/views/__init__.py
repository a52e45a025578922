"""One module a page; each has ``page``.

The folder must not be called ``pages``: Streamlit would serve its modules as scripts.
"""
