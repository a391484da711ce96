"""Every refusal and every fault as data, each with its words as `str()`: one tree, closed by `fault.Fault`."""
