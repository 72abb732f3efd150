"""The widgets: each draws one model and posts messages up; none of them decides anything."""
