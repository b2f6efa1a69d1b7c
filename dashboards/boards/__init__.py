"""The boards, one a file."""

from typing import Final

from dashboards.boards import infrastructure, monitoring, production
from dashboards.model import Board

BOARDS: Final[tuple[Board, ...]] = (production.BOARD, infrastructure.BOARD, monitoring.BOARD)
