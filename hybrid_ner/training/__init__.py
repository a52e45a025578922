"""From term lists and text to a pipeline, and from reviewed documents to a better one.

``bootstrap`` labels, trains and fuses; ``retrain`` does so again with what reviewers decided, ``update`` in
seconds; ``student`` trains on annotated documents alone, by a ``recipe``; ``label`` writes weak labels and no
more; ``predict`` opens a pipeline and reads documents with it; ``registry`` keeps the models of a project.
"""
