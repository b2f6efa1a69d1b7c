"""The demo platform (`DEMO=yes`): services to monitor and fake receivers."""
