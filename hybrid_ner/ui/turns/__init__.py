"""The chat as one component: every line is a text node, so nothing a document holds is interpreted."""
