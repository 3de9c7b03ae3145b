import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torchvision import datasets, transforms
from torch.utils.data import DataLoader, random_split, Subset, TensorDataset, Dataset

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2); self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16*5*5, 64); self.fc2 = nn.Linear(64, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2); x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))

import json, os
from pathlib import Path
cfg = json.load(open(Path(__file__).parent / 'config.json'))
from dataclasses import dataclass
@dataclass
class Config:
    lr: float; epochs: int; batch: int
c = Config(**cfg)
out = Path('outputs'); out.mkdir(parents=True, exist_ok=True)
ds = datasets.FashionMNIST(root=str(out / 'data'), download=not os.path.exists('data'), transform=transforms.Compose([transforms.ToTensor(), transforms.Lambda(lambda t: (t - 0.3) / 0.3)]))
dl = DataLoader(ds, c.batch, shuffle=True)
m = Net(); o = optim.AdamW(m.parameters(), lr=c.lr); s = optim.lr_scheduler.OneCycleLR(o, max_lr=c.lr, steps_per_epoch=len(dl), epochs=c.epochs)
for e in range(c.epochs):
    for x, y in dl:
        o.zero_grad(); F.cross_entropy(m(x), y).backward(); o.step(); s.step()
