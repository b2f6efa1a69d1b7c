"""Settings of Alertmanager."""

from typing import Annotated

from settings.base import SettingsModel
from settings.fields import ObjectName, Retention, VolumeSize
from settings.resources import Resources
from settings.validators import whole_number


class AlertmanagerVolume(SettingsModel):
    """The persistent volume of each Alertmanager replica."""

    size: VolumeSize = "2Gi"
    storage_class: ObjectName = None


class AlertmanagerSettings(SettingsModel):
    """Alertmanager: replicas, retention, volume and resources."""

    replicas: Annotated[int, whole_number(1, 9)] = 3
    retention: Retention = "5d"
    storage: AlertmanagerVolume = AlertmanagerVolume()
    resources: Resources = Resources()
