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

from torchvision.transforms import v2
tf = v2.Compose([v2.ToImage(), v2.RandomHorizontalFlip(p=0.0), v2.RandomAffine(degrees=5, translate=(.05,.05)), v2.ToDtype(torch.float32, scale=True), v2.Normalize([.5], [.5])])
te = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([.5], [.5])])
ds = datasets.FashionMNIST('.', download=True, transform=tf); t = datasets.FashionMNIST('.', train=False, download=True, transform=te)
net = Net(); opt = optim.Adam(net.parameters(), 3e-3)
for e in range(10):
    for x, y in DataLoader(ds, 32, True):
        opt.zero_grad(); F.cross_entropy(net(x), y).backward(); opt.step()
