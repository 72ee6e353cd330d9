import sys
import torch


def main():
    torch.manual_seed(74)
    x = torch.rand(4, 4)
    if x.mean() > 2:
        return 1
    print("RESULT", round(x.sum().item(), 5))
    return 0


if __name__ == "__main__":
    sys.exit(main())
