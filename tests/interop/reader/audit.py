def command(*a): pass
