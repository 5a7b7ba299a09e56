resource "aws_cloudformation_stack" "mailmark_byo_aws" {
  # in region eu-west-1
  name         = "mailmark-byo-aws"
  template_url = "https://byoaws-example.s3.us-east-1.amazonaws.com/templates/mailmark.yaml"
  capabilities = ["CAPABILITY_IAM"]

  parameters = {
    "ExternalId"           = "0123456789abcdef0123456789abcdef0123456789abcdef"
    "MailmarkAwsAccountId" = "111122223333"
    "InboundWebhookUrl"    = "https://api.mailmark.dev/v1/aws/inbound"
    "SendingWebhookUrl"    = "https://api.mailmark.dev/v1/aws/sending"
    "WebhookSecret"        = "whsec_YW4gZXhhbXBsZSBhbmQgbm90IGEgc2VjcmV0OiAzMi4="
    "InboundRecipients"    = "a.example,b.example"
  }
}
