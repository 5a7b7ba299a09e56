"""What Mail Manager needs beside CloudFormation, done through a connection's role."""
