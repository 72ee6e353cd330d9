import torch
from torch.utils.data import DataLoader, Dataset

class Reviews(Dataset):
    def __init__(self):
        self.items = [(torch.randint(0, 100, (n,)), n % 2) for n in (5, 9, 3, 7, 6, 8)]
    def __len__(self):
        return len(self.items)
    def __getitem__(self, i):
        return self.items[i]

for tokens, label in DataLoader(Reviews(), batch_size=3):
    print(tokens.shape)
