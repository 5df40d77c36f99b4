"""What is drawn by us: pages whose truth is known, and pictures that are no digit.

Every picture depends on its seed and place alone. Knows nothing of networks.
"""
