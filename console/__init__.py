"""The console: pages for the people who review, as functions from what was read to HTML.

`reading` reads what a page shows, `forms` turns what a person filled in into a message of the
task contract, and the door in triggers/http/console.py does the rest.
"""
