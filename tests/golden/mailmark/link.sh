aws cloudformation create-stack \
  --region eu-west-1 \
  --stack-name mailmark-byo-aws \
  --template-url https://byoaws-example.s3.us-east-1.amazonaws.com/templates/mailmark.yaml \
  --parameters '[{"ParameterKey": "ExternalId", "ParameterValue": "0123456789abcdef0123456789abcdef0123456789abcdef"}, {"ParameterKey": "MailmarkAwsAccountId", "ParameterValue": "111122223333"}, {"ParameterKey": "InboundWebhookUrl", "ParameterValue": "https://api.mailmark.dev/v1/aws/inbound"}, {"ParameterKey": "SendingWebhookUrl", "ParameterValue": "https://api.mailmark.dev/v1/aws/sending"}, {"ParameterKey": "WebhookSecret", "ParameterValue": "whsec_YW4gZXhhbXBsZSBhbmQgbm90IGEgc2VjcmV0OiAzMi4="}, {"ParameterKey": "InboundRecipients", "ParameterValue": "a.example,b.example"}]' \
  --capabilities CAPABILITY_IAM
