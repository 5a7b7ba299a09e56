"""What an account holds that a stack would collide with, or could join. Only reads."""
