import sys
import threading
import traceback
import warnings
import weakref

import numpy as np
import torch

log = []


def said(value, what):
    log.append(what)
    return value


a = np.arange(12.0).reshape(3, 4)
r = said(a, "left") + said(a[0], "right") * said(2, "number")
z = said(a, "receiver").reshape(*said((4, 3), "star"))
y = said(a, "x")[said(1, "row"), said(slice(None), "columns")]
print(log, r.sum(), z.shape, y)
print(a is np.asarray(a), a.T.base is a, a[:] is a, (b := a - 1)[0, 0], b is not a)


def fails(kind):
    x = np.ones((3, 4))
    try:
        if kind == 0:
            return x + np.ones((2, 2))
        if kind == 1:
            return x.reshape(5, 5).mean()
        if kind == 2:
            return (x - x.mean(axis=0)) @ (
                x[:, 0].reshape(3, 1)
                + x[7]
            )
        if kind == 3:
            return np.concatenate([x, x[0]]) + x
        if kind == 4:
            x -= np.ones(3)
        return x * undefined + x
    except Exception:
        traceback.print_exc()


for kind in range(6):
    for _ in range(2):
        fails(kind)


def deep(n, x):
    if n == 0:
        raise KeyError(n)
    try:
        return x * 2 + deep(n - 1, x + 1)
    except KeyError:
        return x - 1


print(deep(3, np.ones(2)))


def steps(x):
    for i in range(2):
        got = yield x[i] + (yield x * i)
        print("got", got, sorted(locals()))


g = steps(np.ones((2, 2)))
print(next(g), g.send(3), g.send("end"), g.close())
print([list(zip(*[iter(row * k)] * 2)) for k, row in enumerate(a)][2][0])

big = np.zeros(3)
big.resize(6)
c = np.ones((2, 3))
d = (c * 2).mean(axis=1)
c.resize((3, 2))
print(big.shape, c.shape, d)
gone = weakref.ref(made := a * 3)
del made
print(gone() is None)

with warnings.catch_warnings():
    warnings.simplefilter("always")
    print(np.ones(2) / np.zeros(2), np.log(np.array([-1.0])))
frozen = np.broadcast_to(np.arange(3.0), (2, 3))
print(frozen.mean(axis=1), frozen[::-1, ::-1] - 1, frozen.flags.writeable)
m = np.ma.masked_array([1.0, 2.0], [True, False])
print(m + 1, np.matrix([[1, 2]]) * np.matrix([[3], [4]]), np.array(["a", "b"])[::-1], np.array([None, 1]) == None)  # noqa: E711
print(torch.from_numpy(np.arange(3)) + 1, (torch.ones(2).numpy() * 2).tolist(), "%d items" % 3, "a" + "b" * 2)
print(1 < len(a) < 5, a.shape[0] - 1, not a.size, -a[0], ~(a[0] > 1), 2 ** a[0, 2], divmod(7, 2))


class Odd:
    def __add__(self, other):
        return "added"

    def __radd__(self, other):
        return "turned"

    __array_ufunc__ = None

    def reshape(self, *sizes, order=None):
        return sizes, order

    def method(self):
        __x = a + 1
        return __x.sum() + self._Odd__y.mean()

    __y = np.ones(2)


o = Odd()
print(o + a, a + o, o.reshape(1, 2, order="F"), o.method())
t = threading.Thread(target=lambda: print("thread", (a * 2 - a).sum()))
t.start()
t.join()
x = a.copy()
alias = x
x -= x.mean(axis=0)
x *= 2
print(alias is x, x.sum(), sys._getframe().f_lineno)
n = 5
n -= 1
q = [a]
q += [a, a]
print(n, len(q), np.stack(q)[1:, ..., None].shape, {"k": a}["k"].T.shape)
match a.shape:
    case (rows, _) if rows == len(a):
        print("rows", rows)
f = lambda v, w=a.mean(): v - w  # noqa: E731
print(f(a).mean(), (lambda *p, **k: (len(p), sorted(k)))(a + 1, *[a], key=a[0] - a[1]))
print(f"{a.mean():.2f} {(a - 1)[0]!r}")
assert (a == a).all(), a - 1
del q[0]
print(sorted(name for name in globals() if not name.startswith("__")), __builtins__ is not None)
print(len(a) is 3)  # noqa: F632
undefined_at_the_end = a @ a
