import torch, asyncio, contextlib
async def step(x): await asyncio.sleep(0); return x @ x.t()
async def main():
    return await asyncio.gather(*[step(torch.ones(2, i)) for i in range(1, 4)])
print([r.shape for r in asyncio.run(main())])
def stream(n):
    h = torch.zeros(1, 4)
    for i in range(n):
        h = torch.tanh(h + i); sent = yield h
        if sent is not None: h = sent
g = stream(3); print(next(g).shape, g.send(torch.ones(1, 4)).sum(), [v.shape for v in g])
async def agen():
    for i in range(3): yield torch.ones(i + 1)
async def use(): return [v.shape async for v in agen()]
print(asyncio.run(use()))
@contextlib.contextmanager
def ctx():
    with torch.no_grad(): yield torch.ones(2)
with ctx() as v: print((v * 2).requires_grad)
@torch.no_grad()
def gg():
    for i in range(2): yield torch.ones(2, requires_grad=True) * i
print([v.requires_grad for v in gg()])
with torch.inference_mode(): z = torch.ones(3, 2); z.add_(1); print(z.is_inference(), torch.nn.Linear(2, 2)(z).shape)
