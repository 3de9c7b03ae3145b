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

class EarlyStopping:
    def __init__(self, patience=3): self.patience = patience; self.best = None; self.n = 0; self.stop = False
    def __call__(self, loss, model):
        if self.best is None or loss < self.best: self.best = loss; self.n = 0; torch.save(model.state_dict(), 'best.pth')
        else:
            self.n += 1; self.stop = self.n >= self.patience
ds = datasets.FashionMNIST('data', train=True, download=True, transform=transforms.ToTensor())
tr, va = random_split(ds, [0.85, 0.15])
tl, vl = DataLoader(tr, 32, shuffle=True), DataLoader(va, 128)
class Trainer:
    def __init__(self, model): self.model = model; self.opt = optim.RMSprop(model.parameters(), lr=1e-3); self.es = EarlyStopping()
    def fit(self, n):
        for e in range(n):
            self.model.train()
            for b in tl: self.training_step(b)
            self.model.eval()
            with torch.inference_mode(): v = sum(F.cross_entropy(self.model(x), y).item() for x, y in vl)
            print('epoch', e, v); self.es(v, self.model)
            if self.es.stop: print('early stopping'); break
    def training_step(self, b):
        x, y = b; loss = F.nll_loss(F.log_softmax(self.model(x), dim=1), y); self.opt.zero_grad(); loss.backward(); self.opt.step()
Trainer(Net()).fit(25)
