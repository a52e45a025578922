"""Scores against gold, and what is behind them.

``compare`` scores systems side by side with intervals and paired differences; ``three_way`` does so for the
rules, the model and the hybrid of one pipeline; ``scores`` has the settings and results; ``mistakes`` lists
what went wrong; ``report`` writes all of it as one HTML file.
"""
