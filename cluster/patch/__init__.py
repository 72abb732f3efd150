"""Patches: the four ways in which a request changes part of an object, on plain data.

On the data's way inside the API server, between the stored object as plain data and the object that
is admitted. `merge`, `json_patch`, `strategic` and `managed` (server-side apply) are one patch type
each. Invariant: no function here changes what it is given, and the API's Structs are the only schema.
"""
