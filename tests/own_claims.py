"""Claims of its own for the small study: two it can answer, and one about patients it does not have."""

ANALYSIS = """
[claims.{name}]
group = "pain"
text = "Pain is lower after massage than under usual care."
question = "Is pain lower after massage than under usual care?"
testability = "session-outcomes"
registered = 2024-01-01
sources = [{{ article = "protocol", line = 1, quote = "Pain is the outcome." }}]

[claims.{name}.analysis]
population = {{ words = "adults with low back pain", conditions = ["{condition}"] }}
techniques = ["medical-massage"]
comparators = ["usual-care"]
windows = [[70, 112]]
instruments = ["NRS"]
"""
CHANGE = 'direction = "lower"\nmethod = "change"\nmodel = "ancova"\n'
RESPONDER = 'direction = "lower"\nmeasure = "risk-difference"\nmethod = "responder"\nmissing = "non-responder"\n'
OWN_CLAIMS = (ANALYSIS.format(name="pain-less", condition="low-back-pain") + CHANGE
              + ANALYSIS.format(name="pain-elsewhere", condition="headache") + CHANGE
              + ANALYSIS.format(name="pain-responders", condition="low-back-pain") + RESPONDER)
