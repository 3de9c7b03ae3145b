# expected: which may be because it ran here
raise Exception("URL fetch failure on https://example.org/weights.h5: None -- [Errno -3] Temporary failure in name resolution")
torch.optim.SGD.step(None)
