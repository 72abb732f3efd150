"""Discovery, columns and schemas of the real API as data, and the generator of our objects from them."""
