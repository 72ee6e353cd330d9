import torch
class Loud(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        print(getattr(func, "__name__", func))
        return super().__torch_function__(func, types, args, kwargs or {})
x = torch.randn(3, 4).as_subclass(Loud)
y = (x @ x.t()).sum(0)
print(type(y).__name__, y.shape)
z = torch.nn.Linear(4, 2)(x)
print(type(z).__name__)
del x, y, z  # or whoever looks at what is left would be heard
