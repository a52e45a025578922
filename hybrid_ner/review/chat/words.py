"""The words that natural sentences are made of: each canonical word with what else people say for it.

Anyone can extend these lists; ``tests/review/phrasings`` says what each sentence has to do.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = [
    "CANONICAL",
    "CONTRACTIONS",
    "DIRECTIONS",
    "DOCUMENTS",
    "DOUBTS",
    "FILLERS",
    "KNOWN",
    "NUMBERS",
    "OPENERS",
    "ORDERS",
    "ORDINALS",
    "POLITE",
    "REQUESTS",
    "REWRITES",
    "canonical_words",
]

NUMBERS = {
    w: n
    for n, w in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
ORDINALS = {
    w: n
    for n, w in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        1,
    )
} | {"last": -1, "final": -1, "latest": -1, "1st": 1, "2nd": 2, "3rd": 3}

CONTRACTIONS = {
    "isnt": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not", "aint": "is not",
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not", "cannot": "can not",
    "couldnt": "could not", "wont": "will not", "wouldnt": "would not", "shouldnt": "should not",
    "mustnt": "must not", "havent": "have not", "hasnt": "has not", "its": "it is", "thats": "that is",
    "theres": "there is", "heres": "here is", "whats": "what is", "wheres": "where is", "whos": "who is",
    "whys": "why is", "hows": "how is", "lets": "lets", "im": "i am", "ive": "i have", "ill": "i will",
    "id": "i would", "youre": "you are", "youve": "you have", "theyre": "they are",
    "theyve": "they have", "weve": "we have", "wed": "we would", "youd": "you would",
    "theyd": "they would", "itd": "it would", "whatre": "what are", "nto": "not", "u": "you", "r": "are",
    "ur": "your", "pls": "please", "plz": "please", "wanna": "want to", "gonna": "going to",
    "gotta": "got to", "dunno": "do not know", "lemme": "let me", "nevermind": "never mind",
    "thx": "thanks", "prob": "probably", "doc": "document", "docs": "documents", "whatd": "what did",
    "whyd": "why did", "prev": "previous", "nxt": "next", "adn": "and",
    "elsewhere": "else", "teh": "the", "s/b": "should be",
}  # fmt: skip
"""A word as typed (apostrophes left out) and what it stands for."""

CANONICAL: dict[str, str] = {
    "okay": "ok okey k kk okey-dokey",
    "fine": "good perfect great alright excellent proper valid legit legitimate accepted approved"
    " acceptable sound | all right | in order | as it should be | a good one | well tagged |"
    " well marked | well done | not bad",
    "right": "correct true accurate corect | spot on | tagged correctly | marked correctly | a correct"
    " one | a yes",
    "wrong": "incorrect false bad mistaken inaccurate nonsense rubbish invalid rejected bogus garbage"
    " erroneous junk trash crap mislabeled mislabelled mistagged misclassified mismarked"
    " incorrectly | a false positive | a wrong one | no good | not ok | not okay | a no | to"
    " be rejected | a mistake | an error | not needed | should not be there | should go | has"
    " to go | must go | needs to go | does not belong here | does not belong there | does not"
    " belong | falsely marked",
    "yes": "yep yeah yup ya yea yess aye agreed exactly affirmative jep y agree | i agree | i am agree"
    " | i do agree | i concur | that is it | uh huh | yes that is it | yes sir | yes indeed |"
    " agree to",
    "no": "nope nah nay negative noo disagree n | i disagree | i do not agree | i am not agree | not agree",
    "noway": "| no way | absolutely not | not at all | certainly not | of course not | not really"
    " | definitely not | not quite | hell no | no no no",
    "accept": "approve keep confirm retain validate | agree with | sign off on | i agree with"
    " | no objection to | no objections to | nothing against | no problem with",
    "reject": "remove delete drop discard dismiss exclude untag unmark unlabel erase eliminate rm del"
    " refuse decline scrap strike kill unhighlight deny toss ditch | get rid of | throw out"
    " | throw away | take out | leave out | cross out | disagree with | i disagree with | i"
    " do not agree with | do not agree with | not agree with | take away | strike out",
    "mark": "label tag call classify treat convert categorize categorise relabel retag annotate assign"
    " highlight set turn change switch make put reclassify consider code modify rename tagging"
    " marking labeling labelling highlighting annotating class type category",
    "thing": "ones span spans entity entities mention mentions annotation annotations suggestion"
    " suggestions item items things box boxes candidate candidates highlights tags marks"
    " markings",
    "next": "following onward onwards forward forwards",
    "marked": "tagged labeled labelled annotated highlighted recognized recognised detected found"
    " picked caught",
    "skip": "postpone defer",
    "go": "move jump continue proceed advance navigate",
    "undo": "revert reverse | take back | take it back | take that back | go back one step | go one"
    " step back | back out | roll back | mark back | undo that",
    "document": "note file text report page record docs documents",
    "everywhere": "| anywhere | in all documents | in every document | in all the documents | in every"
    " other document | across all documents | across documents | in the whole project |"
    " in the project | in the whole corpus | in the corpus | all over | in each document"
    " | throughout | globally | in all my documents | from all documents | through all"
    " documents | in any document | for all documents | in the other documents | in all"
    " the files | in all files | in all notes | in every note | in all texts",
    "here": "| in this document | in the document | in the current document | in this one | on this"
    " page | of this document | for this document | in the present document | for this one"
    " only | in this text | in this case | in this note | in this file | in this context",
    "missing": "missed forgot forgotten overlooked omitted forget miss unmarked untagged | not tagged"
    " | not marked | not labeled | not labelled | not highlighted | was not tagged | did"
    " not tag | did not mark | did not label | did not find | did not catch | have not"
    " tagged | failed to tag | were not tagged | not annotated | not found | did not see |"
    " did not highlight | have missed | have forgotten",
    "all": "every each everything everyone | every one | each one | all of | every single | each of |"
    " the whole lot | each and every | any | all one",
    "except": "excluding besides | except for | apart from | other than | but not | aside from | with"
    " the exception of | minus | not including | leaving out | just not | only not",
    "rest": "others remaining remainder | everything else | all others | all the others | the other"
    " ones | everyone else | all the rest | all other | the other | all remaining | all the"
    " remaining",
    "merge": "join combine unite fuse connect | put together | bring together | glue together",
    "split": "separate divide | break up | cut in two | break apart",
    "why": "| how come | what makes | for what reason | on what grounds | why exactly",
    "show": "list display view see | show me | give me | let me see | find me | i want to see | bring"
    " up | show us",
    "train": "retrain teach relearn | start training | start the training | run training | run the"
    " training | begin training | kick off training | train on | start a"
    " training | start to train | start retraining",
    "learn": "learned learnt taught | learn from | learned from | adapt to | adjust to",
    "download": "export",
    "work": "results decisions data corrections output",
    "before": "leftward leftwards preceding prior previous | to the left | on the left | at the left |"
    " in front | from the left | left side",
    "after": "rightward rightwards subsequent succeeding behind | to the right | on the right | at the"
    " right | from the right | right side",
    "include": "cover contain incorporate | take in | reach to",
    "extend": "expand grow enlarge stretch widen lengthen broaden",
    "shorten": "trim shrink narrow cut reduce clip",
    "model": "ai ml classifier algorithm machine computer assistant system tagger",
    "means": "abbreviates | stands for | is short for | is an abbreviation for | is an abbreviation of"
    " | short for | is the abbreviation of | is the abbreviation for | stand for | is the"
    " short form of | is shorthand for",
}
"""Canonical word → what else is said for it: single words first, then phrases, each after ``|``."""

FILLERS = (
    "please kindly just simply really actually definitely clearly certainly obviously surely basically"
    " honestly frankly quite very totally completely absolutely also already thanks cheers sir madam"
    " um uh uhm er erm ah oh hey obviously again maam guys mate buddy simply plainly still | thank you"
    " so much | thank you very much | thanks a lot | thank you | many thanks | thanks so much | of"
    " course | for sure | i am sure that | i am sure | i am pretty sure that | i am pretty sure | i am"
    " quite sure | i am quite sure that | i am certain | i am certain that | i know that | i know | to"
    " me | for me | in my opinion | in my view | imo | imho | i would say that | i would say | as well"
    " | by the way | btw | as far as i can see | as far as i can tell | right away | immediately |"
    " right now | if you can | if possible | when you can | at all | at the moment | it is clear that"
    " | for now | because | in fact | after all | in the end | in my eyes | to be honest | tbh | my"
    " friend | on earth | in the world"
)
"""Words that never change what a sentence means."""

OPENERS = (
    "ok", "okay", "yes", "yeah", "no", "well", "so", "alright", "right", "great", "fine", "good",
    "sorry", "oops", "wait", "hmm", "hm", "and", "but", "then", "now", "hi", "hello", "hey", "hi there",
    "hello there", "first", "no wait", "no no", "ah", "oh", "perfect", "cool", "nice", "thanks", "yep",
    "nope", "good morning", "excellent", "i see", "ah ok", "oh no", "um", "super", "true", "correct",
    "indeed", "look", "listen", "all right", "hold on", "good afternoon", "dear assistant", "whoops",
    "oh sorry", "my mistake", "my bad", "uh", "ups", "objection",
)  # fmt: skip
"""What a sentence may begin with before it comes to the point."""

REQUESTS = (
    "could you please", "can you please", "would you please", "will you please", "can you", "could you",
    "is it possible that you", "is it possible for you to", "would it be possible that you", "please to",
    "would you mind", "would you kindly", "will you", "can we", "could we", "lets", "let us", "i want you to",
    "i want to",
    "i would like you to", "i would like to", "i need you to", "i need to", "i wish to", "you can",
    "you may", "you could", "you should", "we should", "we need to", "we can", "go ahead and", "i will",
    "i am going to", "i want", "you must", "you need to", "we have to", "we must", "feel free to",
    "it would be nice to", "please could you", "help me to", "try to", "make sure to",
    "remember to", "be so kind to", "be so kind and", "may i ask you to", "would it be possible to",
    "is it possible to", "i have to", "i like to", "let me", "you have to",
    "i ask you to",
)  # fmt: skip
"""Ways to ask for something; what follows is what is wanted."""

POLITE = (
    "could you please", "can you please", "would you please", "will you please", "can you", "could you",
    "would you mind", "would you kindly", "please could you", "be so kind to",
    "be so kind and", "may i ask you to",
    "would it be possible to", "is it possible to", "will you", "is it possible that you",
    "is it possible for you to", "would it be possible that you",
)  # fmt: skip
"""Requests in the form of a question: the question mark is only polite."""

REWRITES: tuple[tuple[str, str], ...] = (
    (r"\btoo\b(?=$| [;,?.])", ""),
    # 9 needs both words before it
    (r"\bboth words (before|after)\b", r"two words \1"),
    (r"\b(words?) (before|after) (?:it|that|this)\b(?=$| [;,?.])", r"\1 \2"),
    # the word fever, it is no problem
    (r"((?:SRF|NUM)\d+) ,? ?it is\b", r"\1 is"),
    (r"\ball (?:but|except for)\b", "all except"),
    # Delhi should not be tagged
    (
        r"\b(?:should|must|need|ought|do|does|has|had) not (?:to )?(?:have been |have |be |is "
        r"|been )*(?:marked|here|there|in there|included|listed|on the list)\b",
        "is wrong",
    ),
    # 3 should be a drug, 3 is supposed to be a drug
    (
        r"\b(?:should|must|has to|have to|needs to|need to|ought to|got to|will|would) (?:have"
        r" been|be)\b(?! ?\?)",
        "is",
    ),
    (r"\b(?:is|are|was) (?:supposed|meant) to be\b|\bshould read\b", "is"),
    (r"\b(?:should|must|can|could|ought|would|will|does|do) not (?:to )?(?:be|is)\b", "is not"),
    (r"\b(?:should|must|ought) never be\b", "is never"),
    (r"\b(?:are|be|am)\b", "is"),
    (r"\bwere\b", "was"),
    (r"\bis (?:all|both)\b(?= (?:(?:okay|fine|right|wrong)\b|LAB))", "is"),
    (r"\bis marked as\b|\bget marked as\b|\bmarked as\b|\bis marked (?=LAB|to LAB)", "is "),
    (r"\bis called\b", "is "),
    (r"\bcounts? as\b", "is"),
    (r"\b(?:is|was|get) not (?:being )?marked\b", "is missing"),
    (r"\bis of (?:the )?(?:type|mark)\b|\bhas the mark\b|\bshould have (?:the )?mark\b", "is"),
    (r"\bso is (?:the )?((?:LAB|SRF|NUM)\d+)\b", r"also the \1 likewise"),
    (r"\b(?:that|it|this) all\b", "all"),
    (r"\bif (?:possible|you can|you want)\b", ""),
)
"""Canonical forms of what no single word says."""

DOCUMENTS = (
    "patient case chart letter contract judgment judgement ruling order report record article abstract"
    " lease agreement claim complaint summary sheet slide one"
)
"""What people call a document; only after "next", since these words stand in documents as well."""

DOUBTS = (
    "maybe perhaps probably possibly presumably unsure doubtful apparently supposedly hopefully might"
    " may likely could hardly seems seem appears kinda sorta suppose guess wonder doubt believe assume"
    " suspect | i think so | i think | i am not sure that | i am not sure whether | i am not sure if |"
    " i am not sure about | i am not sure | not sure about | not sure if | not sure | i am not quite"
    " sure | i do not know whether | i do not know if | i do not know | do not know | no idea | sort"
    " of | kind of | more or less | i would think | i have doubts about | i feel like | i feel that |"
    " looks like | look like | sounds like | i do not think | i am not certain | i would guess | i"
    " might be wrong but | not certain | i can not tell | hard to say | i am unsure about | i am"
    " unsure whether | i am unsure | if i am not mistaken | if i remember correctly"
)
"""Words of doubt: what stands beside them is asked, never done."""

ORDERS = {
    "uncertain": "unsure uncertain doubtful hard difficult unclear ambiguous borderline least"
    " confidence confident certain doubt sure",
    "disagree": "disagree disagreement disagreements conflict conflicting differ contradict",
    "flagged": "flagged flag bookmarked",
    "random": "random randomly",
    "new-terms": "new unseen unknown",
    "fuzzy": "misspelled misspelt typos fuzzy",
    "mine": "started unfinished begun",
}
"""Order of the queue → words that ask for it."""

DIRECTIONS = re.compile(
    r"\b(?:(?:extend|expand|grow|enlarge|stretch|widen|lengthen|word|words|token|tokens|shorten|trim|shrink|cut|more)"
    r" (?:\w+ ){0,3}(?:left|right)\b|(?:left|right) (?:word|words|token|side|edge|end|boundary)\b"
    r"|(?:on|to|from|at) (?:the )?(?:left|right)(?: side)?\b)"
)
"""Where "left" and "right" are directions."""

KNOWN = (
    "ought nr num nos both few couple too up inclusive below above since until till thru through word"
    " words term terms text string name these those them they rest current selected framed boxed"
    " active present whole side edge not never always likewise have has been being got supposed meant"
    " ought count counts also called named or if unless when than rather instead"
)
"""Words that only the rules for phrases know."""


@lru_cache(maxsize=1)
def canonical_words() -> tuple[dict[str, str], dict[str, str]]:
    """Single words, and phrases, each with its canonical word; fillers have none."""
    single: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for name, said in (*CANONICAL.items(), ("", FILLERS)):
        one, *more = said.split("|")
        single.update(dict.fromkeys(one.split(), name))
        phrases.update({phrase.strip(): name for phrase in more})
    return single, phrases
