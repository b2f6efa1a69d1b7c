"""The demo platform of a real node (`DEMO=yes`): services to monitor and fake receivers of notifications."""
