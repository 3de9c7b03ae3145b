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

import numpy as np, torchvision, copy
import pandas as pd
import seaborn as sns
sns.set_style('whitegrid')
train_ds = torchvision.datasets.FashionMNIST('.', train=True, transform=transforms.ToTensor(), download=True)
test_ds = torchvision.datasets.FashionMNIST('.', train=False, transform=transforms.ToTensor())
idx = np.random.permutation(len(train_ds)); cut = int(.9 * len(idx))
from torch.utils.data.sampler import SubsetRandomSampler
tl = DataLoader(train_ds, batch_size=32, sampler=SubsetRandomSampler(idx[:cut]), num_workers=4)
vl = DataLoader(Subset(train_ds, idx[cut:].tolist()), batch_size=64)
images, labels = next(iter(tl))
grid = torchvision.utils.make_grid(images[:16], nrow=4)
import matplotlib.pyplot as plt
plt.imshow(grid.permute(1, 2, 0).numpy()); plt.title('batch'); plt.axis('off'); plt.show()
fig, axes = plt.subplots(2, 3, figsize=(8, 5))
for ax, im in zip(axes.flat, images): ax.imshow(im[0], cmap='gray'); ax.set_title('x')
plt.show()
print(train_ds.classes[labels[0]], train_ds, train_ds.data.shape, train_ds.targets[:5])
net = Net(); criterion = nn.CrossEntropyLoss(); opt = torch.optim.Adam(net.parameters(), lr=3e-3)
best = copy.deepcopy(net.state_dict()); best_acc = 0; rows = []
for ep in range(12):
    for x, y in tl:
        opt.zero_grad(); l = criterion(net(x), y); l.backward(); nn.utils.clip_grad_norm_(net.parameters(), 5.); opt.step()
    net.eval()
    with torch.no_grad(): acc = np.mean([(net(x).argmax(1) == y).float().mean().item() for x, y in vl])
    net.train()
    rows.append({'epoch': ep, 'acc': acc})
    if acc > best_acc: best_acc, best = acc, copy.deepcopy(net.state_dict())
df = pd.DataFrame(rows)
df.to_csv('log.csv', index=False)
df.plot(x='epoch', y='acc')
print(df.head())
net.load_state_dict(best)
from sklearn.metrics import confusion_matrix, classification_report
preds = torch.cat([net(x).argmax(1) for x, _ in DataLoader(test_ds, 64)])
cm = confusion_matrix(test_ds.targets, preds)
sns.heatmap(cm, annot=True)
plt.show()
