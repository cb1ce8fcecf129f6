"""Prior authorization: its words and its rules.

Prior authorization is the payer's decision, before a service is given, whether the member's plan
covers it. Items are the truth; the case is a roll-up of them.
"""
