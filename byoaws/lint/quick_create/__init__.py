"""What rules about Quick-Create links look for."""
