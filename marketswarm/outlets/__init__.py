"""What people and programs look at: status, ladders, Flower's refresh page."""
