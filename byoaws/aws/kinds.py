"""Which kind of `AwsError` each thing that AWS or botocore can say is. Tables only.

A test holds them against botocore: it fails on an exception class, or a throttling code, that nobody placed here.
"""

from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    InvalidRequest,
    NotFound,
    RegionDisabled,
    Throttled,
    Unreachable,
)

CLOCK_CODES = frozenset({"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"})
"""Refused because the time in the signature is not AWS's time."""

# Only AWS's own codes say that access was denied: a bare 403 may come from a proxy, and "denied" is what the
# negative probes take for safety.
_CODES: dict[type[AwsError], str] = {
    AccessDenied: "AccessDenied AccessDeniedException UnauthorizedOperation AuthorizationError AllAccessDisabled",
    BadCredentials: (
        "ExpiredToken ExpiredTokenException TokenRefreshRequired InvalidToken InvalidClientTokenId InvalidAccessKeyId "
        "UnrecognizedClientException SignatureDoesNotMatch InvalidSignatureException InvalidSignature "
        "IncompleteSignature IncompleteSignatureException MissingAuthenticationToken "
        "MissingAuthenticationTokenException AuthFailure InvalidIdentityToken "
        "InvalidSecurity " + " ".join(sorted(CLOCK_CODES))
    ),
    # botocore.retries.standard.ThrottledRetryableChecker, and spellings of it that other services use.
    Throttled: (
        "Throttling ThrottlingException ThrottledException RequestThrottledException TooManyRequestsException "
        "ProvisionedThroughputExceededException TransactionInProgressException RequestLimitExceeded "
        "BandwidthLimitExceeded LimitExceededException RequestThrottled SlowDown PriorRequestNotComplete "
        "EC2ThrottledException TooManyRequests 429"
    ),
    RegionDisabled: "RegionDisabledException RegionDisabled",
    NotFound: (
        "NoSuchEntity NoSuchEntityException NoSuchBucket NoSuchKey NoSuchVersion NoSuchBucketPolicy NotFound "
        "NotFoundException ResourceNotFoundException AWS.SimpleQueueService.NonExistentQueue 404"
    ),
    InvalidRequest: (
        "ValidationError ValidationException MalformedPolicyDocument MalformedPolicyDocumentException MalformedPolicy "
        "PackedPolicyTooLarge PackedPolicyTooLargeException InvalidParameterValue InvalidParameterCombination "
        "InvalidParameterException InvalidQueryParameter MissingParameter MissingAction InvalidAction InvalidInput "
        "InvalidArgument InvalidRequest InvalidRequestException BadRequest BadRequestException MalformedInput "
        "MalformedQueryString MalformedXML SerializationException UnknownOperationException InvalidBucketName "
        "KeyTooLongError EntityTooLarge AuthorizationHeaderMalformed PermanentRedirect MethodNotAllowed "
        "IllegalLocationConstraintException InvalidLocationConstraint"
    ),
    Unreachable: (
        "InternalFailure InternalError InternalServerError InternalServerErrorException InternalServiceError "
        "ServiceUnavailable ServiceUnavailableException ServiceFailure ServiceException IDPCommunicationError "
        "RequestTimeout RequestTimeoutException"
    ),
}

_CLASSES: dict[type[AwsError], str] = {
    BadCredentials: (
        "NoCredentialsError NoAuthTokenError TokenRetrievalError UnknownTokenProviderError PartialCredentialsError "
        "CredentialRetrievalError UnknownCredentialError ProfileNotFound ConfigParseError ConfigNotFound "
        "InvalidConfigError InfiniteLoopConfigError RefreshWithMFAUnsupportedError MetadataRetrievalError "
        "InvalidIMDSEndpointError InvalidIMDSEndpointModeError SSOError SSOTokenLoadError UnauthorizedSSOTokenError "
        "LoginError LoginRefreshRequired LoginInsufficientPermissions LoginTokenLoadError LoginAuthorizationCodeError"
    ),
    # botocore's own brake, after AWS asked for fewer calls.
    Throttled: "CapacityNotAvailableError",
    InvalidRequest: (
        "UnknownServiceError UnknownRegionError ServiceNotInRegionError BaseEndpointResolverError NoRegionError "
        "EndpointVariantError UnknownEndpointError UnknownFIPSEndpointError MissingParametersError ValidationError "
        "ParamValidationError UnknownKeyError RangeError UnknownParameterError InvalidRegionError "
        "AliasConflictParameterError UnknownSignatureVersionError UnsupportedSignatureVersionError InvalidDNSNameError "
        "InvalidS3AddressingStyleError UnsupportedS3ArnError UnsupportedS3ControlArnError InvalidHostLabelError "
        "UnsupportedOutpostResourceError UnsupportedS3ConfigurationError UnsupportedS3AccesspointConfigurationError "
        "UnsupportedS3ControlConfigurationError InvalidEndpointDiscoveryConfigurationError "
        "InvalidRetryConfigurationError InvalidMaxRetryAttemptsError InvalidRetryModeError "
        "InvalidS3UsEast1RegionalEndpointConfigError InvalidSTSRegionalEndpointsConfigError InvalidProxiesConfigError "
        "InvalidDefaultsMode InvalidEndpointConfigurationError InvalidChecksumConfigError EndpointProviderError "
        "EndpointResolutionError UnknownEndpointResolutionBuiltInName"
    ),
    Unreachable: (
        "HTTPClientError ConnectionError EndpointConnectionError SSLError ConnectionClosedError ReadTimeoutError "
        "ConnectTimeoutError ProxyConnectionError ResponseStreamingError IncompleteReadError ChecksumError "
        "FlexibleChecksumError ResponseParserError RetriesExceededError"
    ),
    # Faults of boto3's data or of how it is called; none should happen, and none says anything about AWS.
    AwsError: (
        "BotoCoreError ClientError EventStreamError DataNotFoundError ApiVersionNotFoundError UnknownServiceStyle "
        "PaginationError OperationNotPageableError UnseekableStreamError AwsChunkedWrapperError WaiterError "
        "WaiterConfigError InvalidExpressionError UnknownClientMethodError StubResponseError StubAssertionError "
        "UnStubbedResponseError MD5UnavailableError MissingDependencyException UndefinedModelAttributeError "
        "MissingServiceIdError UnsupportedServiceProtocolsError Boto3Error ResourceLoadException NoVersionFound "
        "UnknownAPIVersionError ResourceNotExistsError S3TransferFailedError S3UploadFailedError "
        "DynamoDBOperationNotSupportedError DynamoDBNeedsConditionError DynamoDBNeedsKeyConditionError "
        "InvalidCrtTransferConfigError"
    ),
}


def _turned_round(table: dict[type[AwsError], str]) -> dict[str, type[AwsError]]:
    return {name: kind for kind, names in table.items() for name in names.split()}


KIND_OF_CODE = _turned_round(_CODES)
"""AWS's error code to the kind of error."""

KIND_OF_CLASS = _turned_round(_CLASSES)
"""Name of an exception class of botocore or boto3 to the kind of error."""
