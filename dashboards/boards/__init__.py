"""The boards, one a file."""

from typing import Final

from dashboards.boards import infrastructure, monitoring
from dashboards.model import Board

BOARDS: Final[tuple[Board, ...]] = (infrastructure.BOARD, monitoring.BOARD)
