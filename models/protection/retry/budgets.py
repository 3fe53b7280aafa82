"""Budgets: every kind of retry budget, as one choice. What each does is in budget.py and concurrent.py."""

from typing import Annotated

from models.protection.retry.budget import AwsQuota, GrpcThrottling, ShareOfCalls
from models.protection.retry.concurrent import Concurrent
from sim.units import OneOf

BudgetConfig = Annotated[
    GrpcThrottling | AwsQuota | ShareOfCalls | Concurrent,
    OneOf(grpc=GrpcThrottling, aws=AwsQuota, share=ShareOfCalls, concurrent=Concurrent),
]
"""What a user may write under `budget`."""
