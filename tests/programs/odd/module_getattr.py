import torch, sys, types, weakref, gc, copy, pickle, io
class Lazy(types.ModuleType):
    def __getattr__(self, n): return torch.ones(len(n))
sys.modules["lazy"] = Lazy("lazy"); import lazy; print(lazy.abc.sum())
def __getattr__(name): raise AttributeError(name)
t = torch.ones(3); r = weakref.ref(t, lambda _: print("dead")); d = weakref.WeakKeyDictionary(); u = t * 2; del t; gc.collect(); print(r() is None)
net = torch.nn.LSTM(3, 2); c = copy.deepcopy(net); s = pickle.loads(pickle.dumps(net)); b = io.BytesIO(); torch.save(net.state_dict(), b); print(b.tell() > 0)
x = torch.ones(2, 3); x.tag = "kept"; y = copy.copy(x); print(vars(x), sys.getrefcount(x) < 5, gc.is_tracked(x)); print(pickle.loads(pickle.dumps(x)).shape, x.__dict__)
torch.save(net, b); print(sorted(k for k in net.__dict__ if "hook" in k and net.__dict__[k]))
