"""Life cycle: backends as an orchestrator runs them: started, probed, announced, ended, replaced, scaled.

The words and defaults are those of Kubernetes. Who is ready, balancers learn from `models.balancer.endpoints`.
"""
