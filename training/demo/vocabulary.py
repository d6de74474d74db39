"""The small world that the demo checkpoint knows: its shapes, colours, letters and words."""

SHAPES = ("circle", "square", "triangle", "star", "diamond", "cross")

# Centre of each colour name in RGB; every drawn object strays a little from it.
COLORS = {
    "red": (212, 38, 38),
    "green": (42, 158, 66),
    "blue": (42, 88, 214),
    "yellow": (242, 214, 40),
    "orange": (242, 132, 24),
    "purple": (140, 56, 180),
    "white": (244, 244, 244),
    "black": (26, 26, 26),
}
COLOR_NAMES = tuple(COLORS)

# 0 and 1 are left out: in many fonts they cannot be told from O and I.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789"

# Words a sign may carry; a picture may also carry a random string of LETTERS.
SIGN_WORDS = tuple(
    """
    HELLO OPEN CLOSED EXIT STOP SALE PARK CAFE HOTEL BAR TAXI BUS TRAIN MENU LUNCH DINNER TEA COFFEE
    BOOK SHOP MUSIC ART ZOO FARM MILK BREAD FISH CAKE APPLE LEMON MANGO PEACH RIVER LAKE OCEAN BEACH
    NORTH SOUTH EAST WEST UP DOWN LEFT RIGHT PUSH PULL ON OFF IN OUT YES NO GO SLOW FAST HOT COLD NEW
    OLD BIG SMALL RED GREEN BLUE BLACK WHITE PINK GOLD KING QUEEN JACK ACE STAR MOON SUN SKY RAIN SNOW
    WIND FIRE WATER EARTH HOME WORK PLAY GAME OVER START PAUSE LOVE HOPE JOY PEACE QUIET PLEASE THANK
    YOU LOOK STEP WALK RUN JUMP FREE TOUR ROOM DESK LIFT GATE ROAD LANE CITY TOWN VIEW HILL CAMP BIKE
    BOAT SHIP JET CAR VAN FLY MAP KEY BOX CUP PEN HAT BAG DOG CAT FOX OWL BEE WOLF BEAR LION ZEBRA
    PIZZA JUICE SUGAR SPICE QUIZ WAX MIX FIX SIX TEN TWO FIVE WAY DAY WEEK YEAR JUNE JULY MAY
    """.split()
)
