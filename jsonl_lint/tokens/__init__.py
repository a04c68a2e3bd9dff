"""How long a record is for a model: bounds, vocabularies, chat templates and the model registry.

Nothing here uses the network. `ruler.Ruler` is what a run needs; the rest may be used by itself.
"""
