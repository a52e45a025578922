"""The review page: Streamlit over the library, one module a page.

``hybrid-ner app`` or ``streamlit run app.py`` starts it. Pages stay thin: every decision is a line or an
operation of ``hybrid_ner.review``, every number comes from ``hybrid_ner.evaluation``.
"""
