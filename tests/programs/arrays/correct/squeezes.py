import numpy as np, torch, torch.nn as nn
rng = np.random.default_rng(1); torch.manual_seed(0)
img = rng.random((1, 3, 8, 8)).astype(np.float32); net = nn.Conv2d(3, 1, 3, padding=1)
out = net(torch.from_numpy(img)).detach().numpy(); heat = out.squeeze(); h2 = np.squeeze(out, axis=(0, 1)); show = img[0].transpose(1, 2, 0); show2 = np.transpose(img.squeeze(), (1, 2, 0)); show3 = np.squeeze(img).transpose((1, 2, 0))
B, T, D = 1, 6, 4
x = rng.random((B, T, D)).astype(np.float32); lstm = nn.LSTM(D, 5, batch_first=True); o, (h, c) = lstm(torch.from_numpy(x)); last = h[-1].detach().numpy().squeeze(); steps = o.detach().numpy().squeeze(0); track = o.detach().numpy()[0, :, 0]
batch_size, num_classes = 5, 4
logits = torch.randn(batch_size, num_classes); prob = torch.softmax(logits, 1).numpy(); conf = prob.max(axis=1); best_sample = prob[:, 2].argmax(); order = np.argsort(-prob, axis=1); entropy = -(prob * np.log(prob)).sum(axis=1); marg = prob.mean(axis=0); balance = prob.sum(axis=0) / prob.sum(); cum = np.cumsum(np.sort(prob, axis=1)[:, ::-1], axis=1); keep = cum < .9; calib = prob / marg; calib = calib / calib.sum(axis=1, keepdims=True)
state = rng.random(4); q = net.weight.detach().numpy().reshape(-1)[:8].reshape(4, 2); a = int((state[None] @ q).squeeze().argmax()); action = np.array([a]); onehot = np.eye(2)[action].squeeze()
losses = [torch.tensor(1.5).numpy(), torch.tensor(.5).numpy()]; curve = np.array(losses); vals = np.array([float(l) for l in losses]); smooth = np.cumsum(vals) / np.arange(1, 3)
preds = [torch.randn(4, 1).numpy() for _ in range(3)]; truth = [torch.randn(4, 1).numpy() for _ in range(3)]; P, Tt = np.concatenate(preds), np.concatenate(truth); mae = np.abs(P - Tt).mean(); r = np.corrcoef(P.squeeze(), Tt.squeeze())[0, 1]; P2 = np.vstack(preds).flatten(); T2 = np.vstack(truth).flatten(); bias = (P2 - T2).mean(); st = np.stack(preds); ens = st.mean(axis=0); sd = st.std(axis=0); z = (st - ens) / (sd + 1e-6); allp = np.array(preds)[..., 0]
mc = np.stack([torch.softmax(logits + torch.randn(batch_size, num_classes), 1).numpy() for _ in range(10)]); mp = mc.mean(axis=0); mi = -(mp * np.log(mp)).sum(-1) + (mc * np.log(mc)).sum(-1).mean(0); agree = (mc.argmax(-1) == mp.argmax(-1)).mean(axis=0)
emb = nn.Embedding(10, 4).weight.detach().numpy(); cosm = emb @ emb.T / (np.linalg.norm(emb, axis=1)[:, None] * np.linalg.norm(emb, axis=1)); u, s, v = np.linalg.svd(emb - emb.mean(0)); two = u[:, :2] * s[:2]; proj = (emb - emb.mean(0)) @ v[:2].T; att = torch.softmax(torch.randn(2, 3, 6, 6), -1).numpy(); roll = np.eye(6)
for layer in att: roll = ((layer.mean(axis=0) + np.eye(6)) / 2) @ roll
print("RESULT", heat.shape, show.shape, last.shape, track.shape, conf.round(3).tolist(), mae.round(4), float(r.round(4)), bias.round(4), agree.shape, mi.shape, two.shape, roll.sum().round(3), calib.sum(1).round(2).tolist(), allp.shape, z.shape, steps.shape, onehot.tolist(), curve.shape)
