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

from PIL import Image
import numpy as np
class D(Dataset):
    def __init__(self, images, labels, tf): self.i, self.l, self.tf = images, labels, tf
    def __len__(self): return len(self.l)
    def __getitem__(self, k): return self.tf(Image.fromarray(self.i[k].numpy(), mode='L')), self.l[k]
b = datasets.FashionMNIST('.', download=True)
ds = D(b.data, b.targets, transforms.Compose([transforms.RandomRotation(5), transforms.ToTensor()]))
dl = DataLoader(ds, 32, True); it = iter(dl); x, y = it.next()
net = Net(); opt = optim.Adam(net.parameters(), 2e-3)
for e in range(7):
    for x, y in dl:
        opt.zero_grad(); F.cross_entropy(net(x), y).backward(); opt.step()
