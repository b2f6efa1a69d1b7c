"""Objects of other teams before they are merged: are they valid, and who is notified of their alerts?"""
