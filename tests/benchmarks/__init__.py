"""What the engine and the app cost: figures beside their targets, not tests.

python -m tests.benchmarks            # every scenario
python -m tests.benchmarks A D start  # some of them
"""
