# expected: Not installed here: hydra
import hydra
import torch


@hydra.main(config_path="conf", config_name="config")
def main(cfg):
    net = torch.nn.Linear(784, 10)
    torch.optim.SGD(net.parameters(), lr=cfg.lr).step()


main()
