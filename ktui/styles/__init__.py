"""How everything looks: themes, and one style sheet a screen."""
