"""What is timed: one module a workload.

A workload module has

    TITLE       one line for the report
    ROUNDS      how many rounds are timed unless told otherwise
    PEERS       {peer: make}; make() builds the work in that library and returns something to be measured
    check(it)   does a fixed piece of the work and gives numbers that must agree among the peers
    measure(it) does one round and returns {quantity: seconds}
    GOALS       [(quantity, ours, peer, limit)]: `ours` shall need at most `limit` times what that peer needs

Workloads that train a network say what it is, once a framework, in a class `Work`; `frameworks.py` makes all peers of
it. TensorGlass and TensorFlow get the same function with the module as its argument: only the import differs.
"""
