"""The screens: each owns its state, passes it down to widgets and answers their messages."""
